import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { unzipSync, type Zippable, zipSync } from "fflate";

/** Unpacks a function's package, as Lambda does into `/var/task`. */
export async function unzip(zip: string, directory: string): Promise<void> {
  for (const [name, content] of Object.entries(unzipSync(await readFile(zip)))) {
    const path = join(directory, name);
    if (!path.startsWith(normalize(`${directory}/`))) throw new Error(`${zip}: ${name} lies outside of the package`);
    if (name.endsWith("/")) continue;
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
}

/** A package out of files: name in the package, and path or content. */
export async function zip(path: string, files: Readonly<Record<string, string | { path: string }>>): Promise<string> {
  const contents: Zippable = {};
  for (const [name, file] of Object.entries(files))
    contents[name] = typeof file === "string" ? Buffer.from(file) : await readFile(file.path);
  await writeFile(path, zipSync(contents));
  return path;
}
