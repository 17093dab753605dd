/** Whether a write is meant, or the API server is only asked what it would do with it. */
export type WriteMode = "store" | "dryRun";

/** Under this name managedFields keep what the guard has written. */
const FIELD_MANAGER = "apisix-token-guard";

export const writeQuery = (mode: WriteMode): URLSearchParams =>
  new URLSearchParams({ fieldManager: FIELD_MANAGER, ...(mode === "dryRun" ? { dryRun: "All" } : {}) });
