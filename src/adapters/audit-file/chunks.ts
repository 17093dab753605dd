import { type FileHandle, open } from "node:fs/promises";
import { createGunzip } from "node:zlib";

/** Large enough that the work on a piece outweighs the way it comes. */
const READ_BYTES = 1024 * 1024;
const GUNZIP_BYTES = 256 * 1024;

/**
 * The bytes of a file in pieces, each of which is valid until the next one is asked for; unpacked if the content is gzip, whatever
 * its name. Throws as the file system and zlib do.
 */
export async function* chunksOf(path: string): AsyncGenerator<Uint8Array> {
  const file = await open(path);
  try {
    yield* (await isGzip(file)) ? unpacked(file) : plain(file);
  } finally {
    await file.close();
  }
}

/** Into one buffer: a stream takes a new one for each piece, which costs three times the search in it. */
async function* plain(file: FileHandle): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.allocUnsafe(READ_BYTES);
  for (let position = 0; ; ) {
    const { bytesRead } = await file.read(buffer, 0, READ_BYTES, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

async function* unpacked(file: FileHandle): AsyncGenerator<Uint8Array> {
  const source = file.createReadStream({ start: 0, autoClose: false });
  const gunzip = source.pipe(createGunzip({ chunkSize: GUNZIP_BYTES }));
  source.once("error", (error) => gunzip.destroy(error));
  try {
    yield* gunzip;
  } finally {
    source.destroy();
    gunzip.destroy();
  }
}

async function isGzip(file: FileHandle): Promise<boolean> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
  return bytesRead === 2 && buffer.readUInt16BE() === 0x1f8b;
}
