/** Makes a piece of text stand out, or leaves it alone. */
export type Style = (text: string) => string;

export interface Palette {
  readonly bold: Style;
  readonly dim: Style;
  readonly red: Style;
  readonly yellow: Style;
  readonly green: Style;
  readonly blue: Style;
}

/** SGR codes of ECMA-48: the eight colours that every terminal theme has made readable. */
export function palette(color: boolean): Palette {
  const sgr =
    (on: number, off: number): Style =>
    (text) =>
      color && text.trim() !== "" ? `\x1b[${on}m${text}\x1b[${off}m` : text;
  return {
    bold: sgr(1, 22),
    dim: sgr(2, 22),
    red: sgr(31, 39),
    yellow: sgr(33, 39),
    green: sgr(32, 39),
    blue: sgr(34, 39),
  };
}
