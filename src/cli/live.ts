import { createBoard } from "./live/board.ts";
import { createStory, type Story } from "./live/story.ts";
import { type ProgressLine, type ProgressTarget, showProgress } from "./progress.ts";

/** What a person sees while gateways are restarted. */
export interface Live {
  readonly story: Story;
  /** For reads, until there is something better to tell. */
  readonly report: ProgressLine["report"];
  /** Takes away what is only true while the program runs. */
  readonly stop: () => void;
  /** What to say when the program is interrupted now. */
  readonly interrupted: () => string;
}

export function startLive(target: ProgressTarget, severalClusters: boolean): Live {
  const progress = showProgress(target);
  const write = (text: string) => {
    progress.stop();
    target.write(text);
  };
  const board = createBoard({ ...target, write });
  const story = createStory(board, severalClusters);
  return {
    story,
    report: progress.report,
    stop: () => {
      progress.stop();
      board.clear();
    },
    interrupted: () => {
      const underWay = story.underWay();
      if (underWay.length > 0) return `interrupted. ${underWay.join(" ")}`;
      return story.hasRestarted() ? "interrupted; nothing is under way" : "interrupted, no gateway was restarted";
    },
  };
}
