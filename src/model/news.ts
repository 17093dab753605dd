/** What people are told when the guard has done something, or knows what came of it. */
export interface News {
  /** One line: the subject of an e-mail. */
  readonly subject: string;
  /** What happened, why, what to do, and where it is explained. */
  readonly text: string;
}
