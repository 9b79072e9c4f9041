/**
 * The fenced blocks of a Markdown text: what language each is in, the file that it is to be saved as, where its fence
 * names one (```js server.mjs), and its text.
 *
 * @param {string} markdown
 * @param {string} [language] only blocks in this one
 */
export function codeBlocks(markdown, language) {
  const found = markdown.matchAll(/^```(\w*) ?(\S*)\n(.*?)^```$/gms);
  return [...found].map(([, of, file, text]) => ({ language: of, file, text })).filter((block) => language === undefined || block.language === language);
}
