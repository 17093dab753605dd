/** What the test process and its supervisor say to each other. */

export interface ProgramSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** On top of a minimal environment: the caller's proxy settings and the like must not reach the programs. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where stdout and stderr go; appended to. */
  readonly log: string;
}

export type Request =
  | { readonly type: "start"; readonly program: ProgramSpec }
  | { readonly type: "kill"; readonly name: string }
  | { readonly type: "shutdown"; readonly keepFiles: boolean };

export type Report =
  | { readonly type: "ready" }
  | { readonly type: "started"; readonly name: string; readonly pid: number }
  | { readonly type: "exited"; readonly name: string; readonly how: string };
