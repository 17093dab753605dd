import { CHECKS, type CheckName, type CheckState } from "../model/checkup.ts";
import { type CheckupReport, type ClusterCheckup, checkupExitCode } from "./checkup-schema.ts";
import { printable } from "./printable.ts";
import { headingLines } from "./text/cluster.ts";
import { hang, type Line, wrap } from "./text/layout.ts";
import { MESSAGE_LIMIT, type Page, pageOf, type TextOptions } from "./text/page.ts";
import type { Palette, Style } from "./text/palette.ts";

const LABELS: Readonly<Record<CheckName, string>> = {
  SignIn: "sign-in",
  ServerVersion: "version",
  Clock: "clock",
  Permission: "permissions",
  ExcessPermission: "excess",
  AdmissionPolicy: "policy",
  Gateways: "gateways",
  Restart: "restart",
  Logs: "logs",
  Probe: "probe",
  Reload: "reload",
  AuditLog: "audit log",
  ArgoRollouts: "Argo Rollouts",
};
const LABEL_COLUMNS = Math.max(...Object.values(LABELS).map(({ length }) => length)) + 2;

interface Look {
  readonly sign: string;
  readonly style: (paint: Palette) => Style;
}

const LOOKS: Readonly<Record<CheckState, Look>> = {
  ok: { sign: "✓", style: ({ green }) => green },
  warning: { sign: "!", style: ({ yellow }) => yellow },
  unknown: { sign: "?", style: ({ yellow }) => yellow },
  wrong: { sign: "✗", style: ({ red }) => red },
  skipped: { sign: "–", style: ({ dim }) => dim },
};

/** More subjects of one finding than this are counted. */
const LISTED = 6;
const SUBJECT_LIMIT = 400;

/** The checklist for a person. Ends with a newline. */
export function renderCheckup(report: CheckupReport, options: TextOptions): string {
  const page = pageOf(options);
  return [...report.clusters.map((cluster) => clusterLines(cluster, page)), closingLines(report, page)]
    .map((lines) => lines.map(({ text }) => `${text}\n`).join(""))
    .join("\n");
}

function clusterLines(checkup: ClusterCheckup, page: Page): readonly Line[] {
  const heading = headingLines({ cluster: checkup.cluster, observedAt: checkup.at }, Date.parse(checkup.at), page);
  return [...heading, ...CHECKS.flatMap((name) => checkLines(name, checkup, page))];
}

/** Subjects with the same finding share a line. */
function checkLines(name: CheckName, { checks }: ClusterCheckup, page: Page): readonly Line[] {
  const same = Map.groupBy(
    checks.filter(({ check }) => check === name),
    ({ state, message }) => `${state} ${message}`,
  );
  return [...same.values()].flatMap((group, index) => {
    const [first] = group;
    if (first === undefined) return [];
    const { sign, style } = LOOKS[first.state];
    const label = page.paint.dim((index === 0 ? LABELS[name] : "").padEnd(LABEL_COLUMNS));
    const lead = { text: `${style(page.paint)(sign)} ${label}`, width: LABEL_COLUMNS + 2 };
    const subjects = subjectsOf(group.flatMap(({ subject }) => (subject === null ? [] : [subject])));
    const message = { text: printable(first.message, MESSAGE_LIMIT) };
    return hang(
      lead,
      subjects === null ? [message] : [{ text: subjects, style: page.paint.bold }, message],
      page.width,
    );
  });
}

function subjectsOf(subjects: readonly string[]): string | null {
  if (subjects.length === 0) return null;
  const more = subjects.length - LISTED;
  const listed = subjects.slice(0, LISTED).map((subject) => printable(subject, SUBJECT_LIMIT));
  return `${listed.join(", ")}${more > 0 ? ` and ${more} more` : ""}:`;
}

function closingLines(report: CheckupReport, { width, paint }: Page): readonly Line[] {
  const count = (state: CheckState) =>
    report.clusters.reduce((sum, { checks }) => sum + checks.filter((one) => one.state === state).length, 0);
  const [wrong, unknown, warnings] = [count("wrong"), count("unknown"), count("warning")];
  const parts = [
    ...(wrong > 0 ? [wrong === 1 ? "1 thing is wrong" : `${wrong} things are wrong`] : []),
    ...(unknown > 0 ? [unknown === 1 ? "1 thing could not be checked" : `${unknown} things could not be checked`] : []),
    ...(wrong + unknown === 0
      ? [report.clusters.length === 0 ? "No cluster was checked" : "Everything is in order"]
      : []),
    ...(warnings > 0 ? [warnings === 1 ? "1 warning" : `${warnings} warnings`] : []),
  ];
  const colour = { 0: paint.green, 1: paint.yellow, 2: paint.red }[checkupExitCode(report)];
  return wrap([{ text: `${parts.join(", ")}.`, style: (text) => paint.bold(colour(text)) }], width);
}
