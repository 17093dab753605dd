/**
 * Just enough DER (ITU-T X.690) to write X.509 certificates: Node.js can read certificates and sign bytes,
 * but has no function that creates a certificate.
 */

export function sequence(...items: Buffer[]): Buffer {
  return element(0x30, Buffer.concat(items));
}

export function set(...items: Buffer[]): Buffer {
  return element(0x31, Buffer.concat(items));
}

/** Of a non-negative number given as bytes; a zero byte in front keeps the sign bit clear. */
export function integer(bytes: Buffer): Buffer {
  return element(0x02, (bytes[0] ?? 0) < 0x80 ? bytes : Buffer.concat([Buffer.of(0), bytes]));
}

export function boolean(value: boolean): Buffer {
  return element(0x01, Buffer.of(value ? 0xff : 0));
}

/** The first byte says how many bits at the end of the last byte are unused. */
export function bitString(bytes: Buffer, unusedBits = 0): Buffer {
  return element(0x03, Buffer.concat([Buffer.of(unusedBits), bytes]));
}

export function octetString(bytes: Buffer): Buffer {
  return element(0x04, bytes);
}

export function utf8String(text: string): Buffer {
  return element(0x0c, Buffer.from(text));
}

/** `YYMMDDHHMMSSZ`; by RFC 5280 the form for every date before 2050. */
export function utcTime(date: Date): Buffer {
  const digits = date.toISOString().replace(/\.\d+/, "").replaceAll(/[-:T]/g, "");
  return element(0x17, Buffer.from(digits.slice(2)));
}

/** Of dotted form. The first two numbers share a byte, the others are base 128 with a continuation bit. */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return element(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const bytes = [value & 0x7f];
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) bytes.unshift((rest & 0x7f) | 0x80);
  return bytes;
}

/** A field marked `[number]` in the ASN.1 of RFC 5280: around other elements, or in place of a primitive one. */
export function tagged(number: number, content: Buffer, form: "constructed" | "primitive"): Buffer {
  return element((form === "constructed" ? 0xa0 : 0x80) | number, content);
}

function element(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.of(tag), length(content.length), content]);
}

/** Below 128 one byte; else the number of length bytes, then those. */
function length(size: number): Buffer {
  if (size < 0x80) return Buffer.of(size);
  const bytes: number[] = [];
  for (let rest = size; rest > 0; rest >>>= 8) bytes.unshift(rest & 0xff);
  return Buffer.from([0x80 | bytes.length, ...bytes]);
}
