import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import type { Binaries, BinaryName } from "../build/binaries.ts";
import type { Ports } from "./ports.ts";
import type { ProgramSpec } from "./protocol.ts";
import { CONF, type RunDirectory } from "./run-directory.ts";

/** The issuer and the audience of ServiceAccount tokens. */
export const ISSUER = "https://kubernetes.default.svc";

/**
 * Those which the tests can notice. Two are easily forgotten: without clusterrole-aggregation the ClusterRoles
 * `view`, `edit` and `admin` have no rules, without disruption a PodDisruptionBudget has no status.
 */
export const CONTROLLERS = [
  "deployment-controller",
  "replicaset-controller",
  "daemonset-controller",
  "statefulset-controller",
  "serviceaccount-controller",
  "clusterrole-aggregation-controller",
  "root-ca-certificate-publisher-controller",
  "namespace-controller",
  "garbage-collector-controller",
  "disruption-controller",
  "validatingadmissionpolicy-status-controller",
] as const;

export interface ProgramOptions {
  /** Added at the end, where they override. */
  readonly apiserverArgs?: readonly string[];
  /** In place of {@link CONTROLLERS}. */
  readonly controllers?: readonly string[];
  /** `health-only` as on EKS: without credentials 401 on every API path, and 200 on `/readyz`. */
  readonly anonymous?: "everywhere" | "health-only";
  /** Unix socket of an external token signer, in place of the key file. */
  readonly signerSocket?: string;
}

/** Command lines of all programs of one control plane. */
export function programs(binaries: Binaries, directory: RunDirectory, ports: Ports, options: ProgramOptions) {
  const spec = (name: BinaryName, args: readonly string[]): ProgramSpec => ({
    name,
    command: binaries.paths[name],
    args,
    log: directory.log(name),
  });
  return {
    etcd: spec("etcd", etcdArgs(directory, ports)),
    apiServer: spec("kube-apiserver", apiServerArgs(directory, ports, options)),
    controllerManager: spec("kube-controller-manager", controllerManagerArgs(directory, ports, options)),
    scheduler: spec("kube-scheduler", schedulerArgs(directory, ports)),
    kwok: spec("kwok", kwokArgs(directory, ports)),
  };
}

function etcdArgs(directory: RunDirectory, ports: Ports): string[] {
  const client = `http://127.0.0.1:${ports.etcd}`;
  const peer = `http://127.0.0.1:${ports.etcdPeer}`;
  return [
    "--name=test",
    `--data-dir=${directory.join("etcd")}`,
    // Losing the data in a power cut does not matter here.
    "--unsafe-no-fsync",
    "--log-level=warn",
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=test=${peer}`,
  ];
}

function apiServerArgs(directory: RunDirectory, ports: Ports, options: ProgramOptions): string[] {
  const anonymous =
    options.anonymous === "health-only" ? [`--authentication-config=${join(CONF, "anonymous.yaml")}`] : [];
  return [
    `--etcd-servers=http://127.0.0.1:${ports.etcd}`,
    // Objects lie in etcd as plain JSON, so that a test can rewrite what the API would never accept.
    "--storage-media-type=application/json",
    "--bind-address=127.0.0.1",
    "--advertise-address=127.0.0.1",
    `--secure-port=${ports.apiServer}`,
    "--endpoint-reconciler-type=none",
    `--tls-cert-file=${directory.pki("kube-apiserver.crt")}`,
    `--tls-private-key-file=${directory.pki("kube-apiserver.key")}`,
    `--client-ca-file=${directory.pki("ca.crt")}`,
    `--token-auth-file=${directory.pki("tokens.csv")}`,
    "--authorization-mode=Node,RBAC",
    "--service-cluster-ip-range=10.0.0.0/16",
    `--service-account-issuer=${ISSUER}`,
    `--api-audiences=${ISSUER}`,
    ...tokenSigning(directory, options.signerSocket),
    // It would taint every new node until the node-lifecycle-controller says otherwise, which does not run.
    "--disable-admission-plugins=TaintNodesByCondition",
    "--kubelet-preferred-address-types=InternalIP",
    "--allow-privileged=true",
    `--audit-policy-file=${join(CONF, "audit-policy.yaml")}`,
    `--audit-log-path=${directory.auditLog}`,
    // An event is in the file before its response is sent. No rotation: positions in the file stay valid.
    "--audit-log-mode=blocking-strict",
    "--audit-log-maxsize=100000",
    "--v=1",
    ...anonymous,
    ...(options.apiserverArgs ?? []),
  ];
}

function tokenSigning(directory: RunDirectory, signerSocket: string | undefined): string[] {
  if (signerSocket !== undefined) return [`--service-account-signing-endpoint=${signerSocket}`];
  return [
    `--service-account-key-file=${directory.pki("service-accounts.pub")}`,
    `--service-account-signing-key-file=${directory.pki("service-accounts.key")}`,
  ];
}

function controllerManagerArgs(directory: RunDirectory, ports: Ports, options: ProgramOptions): string[] {
  return [
    `--kubeconfig=${directory.kubeconfig("kube-controller-manager")}`,
    "--bind-address=127.0.0.1",
    `--secure-port=${ports.controllerManager}`,
    `--service-account-private-key-file=${directory.pki("service-accounts.key")}`,
    `--root-ca-file=${directory.pki("ca.crt")}`,
    "--use-service-account-credentials=true",
    "--leader-elect=false",
    `--controllers=${(options.controllers ?? CONTROLLERS).join(",")}`,
    "--kube-api-qps=500",
    "--kube-api-burst=1000",
    "--v=1",
  ];
}

function schedulerArgs(directory: RunDirectory, ports: Ports): string[] {
  const file = directory.join("scheduler.yaml");
  const config = {
    apiVersion: "kubescheduler.config.k8s.io/v1",
    kind: "KubeSchedulerConfiguration",
    leaderElection: { leaderElect: false },
    clientConnection: { kubeconfig: directory.kubeconfig("kube-scheduler"), qps: 500, burst: 1000 },
  };
  writeFileSync(file, stringify(config));
  return [`--config=${file}`, "--bind-address=127.0.0.1", `--secure-port=${ports.scheduler}`, "--v=1"];
}

function kwokArgs(directory: RunDirectory, ports: Ports): string[] {
  return [
    `--kubeconfig=${directory.kubeconfig("kwok")}`,
    "--manage-all-nodes=true",
    "--node-ip=127.0.0.1",
    `--node-port=${ports.kwok}`,
    `--server-address=127.0.0.1:${ports.kwok}`,
    "--node-lease-duration-seconds=40",
    `--config=${join(CONF, "kwok.yaml")}`,
    `--config=${join(CONF, "node-stages.yaml")}`,
    `--config=${join(CONF, "pod-stages.yaml")}`,
    `--config=${join(CONF, "exec.yaml")}`,
    "--enable-crds=Logs,ClusterLogs",
  ];
}
