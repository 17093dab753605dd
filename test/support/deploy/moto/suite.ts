import { describe, inject } from "vitest";

/** What `test/deploy/global-setup.ts` hands to the workers. */
export type ProvidedMoto =
  | { readonly ok: true; readonly programs: string }
  | { readonly ok: false; readonly reason: string };

declare module "vitest" {
  interface ProvidedContext {
    moto: ProvidedMoto;
  }
}

/**
 * `describe` for tests that need the emulator or its linter. Where it cannot be had, the suite is skipped and its name says why. The
 * body may use the programs inside tests and hooks only, because a skipped body is run as well.
 */
export function describeMoto(name: string, body: (programs: string) => void): void {
  const provided = inject("moto");
  if (provided.ok) describe(name, () => body(provided.programs));
  else describe.skip(`${name} [skipped: ${provided.reason}]`, () => body(""));
}
