import { describe, expect, it } from "vitest";
import { createBoard } from "../../../src/cli/live/board.ts";

function start(rewrites: boolean, width = 80) {
  const written: string[] = [];
  return { written, board: createBoard({ write: (text) => written.push(text), rewrites, width }) };
}

const UP_ONE = "\u001b[1F\u001b[0J";
const UP_TWO = "\u001b[2F\u001b[0J";

describe("the board on a terminal", () => {
  it("rewrites what is under way in place", () => {
    const { written, board } = start(true);
    board.show(["a: 1 of 3", "b: 0 of 2"]);
    board.show(["a: 2 of 3", "b: 0 of 2"]);
    board.show(["b: 1 of 2"]);
    board.show([]);
    expect(written).toEqual([
      "a: 1 of 3\n",
      "b: 0 of 2\n",
      UP_TWO,
      "a: 2 of 3\n",
      "b: 0 of 2\n",
      UP_TWO,
      "b: 1 of 2\n",
      UP_ONE,
    ]);
  });

  it("puts what stays above what is under way", () => {
    const { written, board } = start(true);
    board.show(["a: 1 of 3"]);
    board.say("b: cured.");
    expect(written.join("")).toBe(`a: 1 of 3\n${UP_ONE}b: cured.\na: 1 of 3\n`);
  });

  it("is silent when nothing has changed", () => {
    const { written, board } = start(true);
    board.show(["a: 1 of 3"]);
    board.show(["a: 1 of 3"]);
    expect(written).toHaveLength(1);
  });

  it("keeps every line of the block on one line of the terminal", () => {
    const { written, board } = start(true, 20);
    board.show([`a: ${"long ".repeat(20)}`]);
    expect(written[0]).toHaveLength(20);
  });

  it("leaves nothing behind", () => {
    const { written, board } = start(true);
    board.show(["a: 1 of 3"]);
    board.clear();
    board.clear();
    expect(written.at(-1)).toBe(UP_ONE);
    expect(written).toHaveLength(2);
  });
});

describe("the board elsewhere", () => {
  it("prints a line for every change, and nothing that acts on a terminal", () => {
    const { written, board } = start(false);
    board.show(["a: 1 of 3", "b: 0 of 2"]);
    board.show(["a: 2 of 3", "b: 0 of 2"]);
    board.say("a: cured. \u001b[31m");
    board.show([]);
    board.clear();
    expect(written).toEqual(["a: 1 of 3\n", "b: 0 of 2\n", "a: 2 of 3\n", "a: cured. \\u{1b}[31m\n"]);
  });
});
