/** The two protobuf wire types which the token signer needs: 0 (varint) and 2 (length and bytes). */

export type Field = Buffer;

export function numberField(field: number, value: number): Field {
  return Buffer.concat([varint(field << 3), varint(value)]);
}

export function bytesField(field: number, value: Buffer | string): Field {
  const bytes = Buffer.from(value);
  return Buffer.concat([varint((field << 3) | 2), varint(bytes.length), bytes]);
}

/** The first such field; empty when there is none. Knows messages of bytes fields only. */
export function firstBytes(message: Buffer, field: number): Buffer {
  let rest = message;
  while (rest.length > 0) {
    const tag = readVarint(rest);
    const size = readVarint(rest.subarray(tag.length));
    const start = tag.length + size.length;
    if (tag.value === ((field << 3) | 2)) return rest.subarray(start, start + size.value);
    rest = rest.subarray(start + size.value);
  }
  return Buffer.alloc(0);
}

/** Seven bits a byte, the lowest first. Divides instead of shifting: a lifetime may exceed 32 bits. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return Buffer.from([...bytes, rest]);
}

function readVarint(bytes: Buffer): { value: number; length: number } {
  let value = 0;
  for (const [index, byte] of bytes.entries()) {
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, length: index + 1 };
  }
  throw new Error("truncated protobuf message");
}
