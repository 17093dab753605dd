import { type Read, unread } from "../../../src/model/read.ts";

/** Parts of an object without which it says little. */
const PARTS = ["metadata", "spec", "status", "data"];

/**
 * An answer of which a part is not there. Nothing is added or altered: an API server that lies cannot be told from one that does
 * not.
 */
export function garbled<T>(call: string, answer: Read<T>, how: number): Read<T> {
  if (!answer.ok || call === "patch") {
    return unread({ code: "InvalidAnswer", what: `ask for ${call}`, message: "The answer makes no sense." });
  }
  if (call === "read") return { ok: true, value: { ...answer.value, capped: true } };
  const value: unknown = structuredClone(answer.value);
  const objects = (Array.isArray(value) ? value : [value]).filter(isRecord);
  const victim = objects[how % Math.max(1, objects.length)];
  // A workload that was read by name comes with its kind.
  const object = victim !== undefined && isRecord(victim.object) ? victim.object : victim;
  if (object === undefined || !PARTS.some((part) => part in object)) {
    return unread({ code: "InvalidAnswer", what: `ask for ${call}`, message: "The answer makes no sense." });
  }
  const part = PARTS[Math.floor(how / 7) % PARTS.length] ?? "metadata";
  delete object[part];
  return { ok: true, value: value as T };
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
