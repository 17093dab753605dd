/** The parameters of a stage, as serverless.yml hands them over. */
export interface Settings {
  readonly stage: string;
  readonly region: string;
  /** Empty: nobody. */
  readonly alarmEmail: string;
  readonly sweepMinutes: number;
  readonly remediateConcurrency: number;
  readonly vpc: { readonly subnetIds: readonly string[]; readonly securityGroupIds: readonly string[] } | null;
}

export const FUNCTIONS = ["sweep", "remediate", "refresh"] as const;
export type FunctionName = (typeof FUNCTIONS)[number];

export const SERVICE = "apisix-token-guard";

/** As serverless.yml names it. */
export const functionName = ({ stage }: Pick<Settings, "stage">, name: FunctionName): string =>
  `${SERVICE}-${stage}-${name}`;

/** IAM has one namespace for all regions of an account. */
export const roleName = ({ stage, region }: Pick<Settings, "stage" | "region">, name: FunctionName): string =>
  `${SERVICE}-${stage}-${region}-${name}`;

export const roleId = (name: FunctionName): string => `${capitalised(name)}Role`;

export const capitalised = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
