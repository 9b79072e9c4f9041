/** What the page says when something needs saying. */
export interface Words {
  readonly title: string;
  readonly detail: string;
  /** What the reader can do about it: steps, in order. */
  readonly remedies: readonly string[];
  /** The remedies are alternatives instead. */
  readonly areAlternatives?: boolean;
}
