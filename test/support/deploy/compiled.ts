import { readFile } from "node:fs/promises";
import { EVERY_KIND, ONLY_ANOTHER_ACCOUNT } from "./guards.ts";
import { FUNCTION_FILES, placeService } from "./service.ts";
import type { Template } from "./template.ts";
import { zipEntries } from "./zip.ts";

export interface Compiled {
  readonly template: Template;
  /** The files in the package of each function. */
  readonly packages: Readonly<Record<string, readonly string[]>>;
  /** What the framework had to say. */
  readonly output: string;
}

/** The service compiled in the ways that templates are judged in: once for all files, as each takes seconds. */
export interface CompiledVariants {
  /** No parameters. */
  readonly plain: Compiled;
  /** All of them. */
  readonly full: Compiled;
  readonly onlyAnotherAccount: Compiled;
}

declare module "vitest" {
  interface ProvidedContext {
    compiled: CompiledVariants;
  }
}

export async function compileVariants(): Promise<CompiledVariants> {
  const parameters = ["subnetIds=subnet-0a1, subnet-0b2", "securityGroupIds=sg-0c3", "alarmEmail=ops@example.org"];
  const [plain, full, onlyAnotherAccount] = await Promise.all([
    compile(EVERY_KIND),
    compile(EVERY_KIND, ...parameters.map((parameter) => `--param=${parameter}`)),
    compile(ONLY_ANOTHER_ACCOUNT),
  ]);
  return { plain, full, onlyAnotherAccount };
}

async function compile(guardYml: string, ...more: string[]): Promise<Compiled> {
  const service = await placeService(guardYml);
  try {
    const { code, output } = await service.osls(["package", "--stage", "prod", "--region", "eu-west-1", ...more]);
    if (code !== 0) throw new Error(`the service does not compile:\n${output}`);
    const packages = FUNCTION_FILES.map(async (name) => {
      return [name, zipEntries(await readFile(`${service.folder}/.serverless/${name}.zip`))] as const;
    });
    return { template: await service.template(), packages: Object.fromEntries(await Promise.all(packages)), output };
  } finally {
    await service.remove();
  }
}
