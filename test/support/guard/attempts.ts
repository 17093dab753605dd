import { LAST_RESTART_ANNOTATION, RESTARTED_AT_ANNOTATION } from "../../../src/model/annotations.ts";
import { WORKLOAD_KINDS, type WorkloadKind } from "../../../src/model/workload.ts";

export const STRATEGIC = "application/strategic-merge-patch+json";
export const MERGE = "application/merge-patch+json";
export const JSON_PATCH = "application/json-patch+json";
export const APPLY = "application/apply-patch+yaml";

/** A patch of a workload that the policy must refuse. */
export interface Forbidden {
  readonly what: string;
  readonly kinds: readonly WorkloadKind[];
  readonly type: string;
  readonly body: object;
  /** What the policy says. */
  readonly says: RegExp;
}

const SPEC = /of the spec only the template may change/;
const TEMPLATE = /of the template only the metadata may change/;
const TEMPLATE_METADATA = /of the template's metadata only annotations may change/;
const TEMPLATE_ANNOTATIONS = /of the template's annotations only kubectl\.kubernetes\.io\/restartedAt may change/;
const TIME = /restartedAt may not be removed, and a new value is RFC 3339 with whole seconds/;
const METADATA = /of the metadata only annotations may change/;
const ANNOTATIONS = /of the annotations only apisix-token-guard\/last-restart may change/;
const LENGTH = /last-restart holds at most 1024 characters/;

/** Which the API server itself writes, and only on DaemonSets. */
export const TEMPLATE_COUNTER = "deprecated.daemonset.template.generation";

const NOW = "2026-06-01T12:00:00Z";
const RESTART = { annotations: { [RESTARTED_AT_ANNOTATION]: NOW } };

const spec = (fields: object): object => ({ spec: fields });
const podSpec = (fields: object): object => ({ spec: { template: { spec: fields } } });
const apisix = (fields: object): object => podSpec({ containers: [{ name: "apisix", ...fields }] });
const podMetadata = (fields: object): object => ({ spec: { template: { metadata: fields } } });
const restartedAt = (value: unknown): object => podMetadata({ annotations: { [RESTARTED_AT_ANNOTATION]: value } });
const metadata = (fields: object): object => ({ metadata: fields });

/** JSON Pointer of a key with a slash. */
const pointer = (key: string): string => key.replaceAll("~", "~0").replaceAll("/", "~1");

type Row = readonly [what: string, body: object, says: RegExp, type?: string];

const OF_EVERY_KIND: readonly Row[] = [
  ["a new image", apisix({ image: "evil/apisix:1" }), TEMPLATE],
  [
    "a new image together with a restart",
    spec({ template: { metadata: RESTART, spec: { containers: [{ name: "apisix", image: "evil/apisix:1" }] } } }),
    TEMPLATE,
  ],
  [
    "a new image, by merge patch",
    podSpec({ containers: [{ name: "apisix", image: "evil/apisix:1" }] }),
    TEMPLATE,
    MERGE,
  ],
  [
    "a new image, by JSON patch",
    [{ op: "replace", path: "/spec/template/spec/containers/0/image", value: "evil/apisix:1" }],
    TEMPLATE,
    JSON_PATCH,
  ],
  ["a new image, by server-side apply", apisix({ image: "evil/apisix:1" }), TEMPLATE, APPLY],
  ["an environment variable", apisix({ env: [{ name: "DEBUG", value: "1" }] }), TEMPLATE],
  ["a command", apisix({ command: ["sh", "-c", "true"] }), TEMPLATE],
  ["a limit of memory", apisix({ resources: { limits: { memory: "1Mi" } } }), TEMPLATE],
  ["a privileged container", apisix({ securityContext: { privileged: true } }), TEMPLATE],
  ["another container", podSpec({ containers: [{ name: "sidecar", image: "evil/sidecar:1" }] }), TEMPLATE],
  ["an init container", podSpec({ initContainers: [{ name: "first", image: "evil/first:1" }] }), TEMPLATE],
  ["another ServiceAccount", podSpec({ serviceAccountName: "admin" }), TEMPLATE],
  ["the network of the host", podSpec({ hostNetwork: true }), TEMPLATE],
  ["a volume with a Secret", podSpec({ volumes: [{ name: "loot", secret: { secretName: "loot" } }] }), TEMPLATE],
  ["another node", podSpec({ nodeSelector: { "kubernetes.io/hostname": "node-1" } }), TEMPLATE],
  ["a grace period", podSpec({ terminationGracePeriodSeconds: 0 }), TEMPLATE],

  ["a new label of the pods", podMetadata({ labels: { colour: "blue" } }), TEMPLATE_METADATA],
  ["another value of a label of the pods", podMetadata({ labels: { tier: "core" } }), TEMPLATE_METADATA],
  ["one label less of the pods", podMetadata({ labels: { tier: null } }), TEMPLATE_METADATA],
  ["a new annotation of the pods", podMetadata({ annotations: { "example.com/a": "b" } }), TEMPLATE_ANNOTATIONS],
  [
    "another value of an annotation of the pods",
    podMetadata({ annotations: { "checksum/config": "0" } }),
    TEMPLATE_ANNOTATIONS,
  ],
  ["one annotation less of the pods", podMetadata({ annotations: { "checksum/config": null } }), TEMPLATE_ANNOTATIONS],
  ["no annotation of the pods at all", podMetadata({ annotations: null }), TEMPLATE_ANNOTATIONS],

  ["restartedAt taken away", restartedAt(null), TIME],
  [
    "restartedAt taken away, by JSON patch",
    [{ op: "remove", path: `/spec/template/metadata/annotations/${pointer(RESTARTED_AT_ANNOTATION)}` }],
    TIME,
    JSON_PATCH,
  ],
  ["restartedAt with milliseconds", restartedAt("2026-06-01T12:00:00.000Z"), TIME],
  ["restartedAt that is a word", restartedAt("now"), TIME],
  ["restartedAt that is empty", restartedAt(""), TIME],
  ["restartedAt with a line break behind it", restartedAt(`${NOW}\n`), TIME],
  ["restartedAt with something before it", restartedAt(`x${NOW}`), TIME],
  ["restartedAt in month 13", restartedAt("2026-13-01T12:00:00Z"), TIME],
  ["restartedAt at hour 24", restartedAt("2026-06-01T24:00:00Z"), TIME],
  ["restartedAt without a time zone", restartedAt("2026-06-01T12:00:00"), TIME],
  ["restartedAt in Arabic numerals", restartedAt("٢٠٢٦-06-01T12:00:00Z"), TIME],
  ["restartedAt of ten thousand characters", restartedAt(NOW.padEnd(10_000, "0")), TIME],

  ["a new label", metadata({ labels: { colour: "blue" } }), METADATA],
  ["another value of a label", metadata({ labels: { tier: "core" } }), METADATA],
  ["one label less", metadata({ labels: { tier: null } }), METADATA],
  ["a finalizer", metadata({ finalizers: ["example.com/stay"] }), METADATA],
  [
    "an owner",
    metadata({ ownerReferences: [{ apiVersion: "v1", kind: "ConfigMap", name: "owner", uid: "00000000-0000" }] }),
    METADATA,
  ],
  ["a new annotation", metadata({ annotations: { "example.com/a": "b" } }), ANNOTATIONS],
  ["another value of an annotation", metadata({ annotations: { "example.com/owner": "guard" } }), ANNOTATIONS],
  ["one annotation less", metadata({ annotations: { "example.com/owner": null } }), ANNOTATIONS],
  [
    "an end of the owners' wish to be left alone",
    metadata({ annotations: { "apisix-token-guard/skip": null } }),
    ANNOTATIONS,
  ],
  ["no annotation at all", metadata({ annotations: null }), ANNOTATIONS],
  ["a note that is too long", metadata({ annotations: { [LAST_RESTART_ANNOTATION]: "x".repeat(1_025) } }), LENGTH],

  ["fewer old revisions kept", spec({ revisionHistoryLimit: 0 }), SPEC],
  ["a longer time until pods count as available", spec({ minReadySeconds: 60 }), SPEC],
];

const OF_ONE_KIND: Readonly<Record<WorkloadKind, readonly Row[]>> = {
  Deployment: [
    ["the counter of a DaemonSet's templates", metadata({ annotations: { [TEMPLATE_COUNTER]: "9" } }), ANNOTATIONS],
    ["more replicas", spec({ replicas: 5 }), SPEC],
    ["more replicas together with a restart", spec({ replicas: 5, template: { metadata: RESTART } }), SPEC],
    ["a pause", spec({ paused: true }), SPEC],
    ["another strategy", spec({ strategy: { type: "Recreate", rollingUpdate: null } }), SPEC],
    ["more pods missing at once", spec({ strategy: { rollingUpdate: { maxUnavailable: "100%" } } }), SPEC],
    ["a longer deadline", spec({ progressDeadlineSeconds: 86_400 }), SPEC],
  ],
  DaemonSet: [
    ["another strategy", spec({ updateStrategy: { type: "OnDelete", rollingUpdate: null } }), SPEC],
    ["more pods missing at once", spec({ updateStrategy: { rollingUpdate: { maxUnavailable: "100%" } } }), SPEC],
  ],
  StatefulSet: [
    ["the counter of a DaemonSet's templates", metadata({ annotations: { [TEMPLATE_COUNTER]: "9" } }), ANNOTATIONS],
    ["more replicas", spec({ replicas: 5 }), SPEC],
    ["another strategy", spec({ updateStrategy: { type: "OnDelete", rollingUpdate: null } }), SPEC],
    ["a partition", spec({ updateStrategy: { rollingUpdate: { partition: 1 } } }), SPEC],
  ],
};

/** Everything but a restart and a note. */
export const FORBIDDEN: readonly Forbidden[] = [
  ...OF_EVERY_KIND.map((row) => forbidden(row, WORKLOAD_KINDS)),
  ...WORKLOAD_KINDS.flatMap((kind) => OF_ONE_KIND[kind].map((row) => forbidden(row, [kind]))),
];

function forbidden([what, body, says, type = STRATEGIC]: Row, kinds: readonly WorkloadKind[]): Forbidden {
  return { what, kinds, type, body, says };
}
