/**
 * How much room a text takes on a terminal. Pure. Wide is what EastAsianWidth.txt of Unicode calls W or F,
 * in blocks; its emoji are those that are shown as pictures by themselves, but for the halves of flags.
 */

const asciiOnly = /^[\x20-\x7e]*$/;
/** Vowels and finals of Hangul are drawn in the cells of the consonant before them. */
const withoutWidth = /^[\p{Mn}\p{Me}\u1160-\u11ff]$/u;
const pictures = /^(?!\p{Regional_Indicator})[\p{Emoji_Presentation}\u{1fa70}-\u{1faff}]$/u;
const twoWide =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]$/u;

/** Cells of a terminal that a text takes: East Asian characters and emoji take two, combining ones none. */
export function displayWidth(text: string): number {
  if (asciiOnly.test(text)) return text.length;
  let width = 0;
  for (const character of text) {
    if (withoutWidth.test(character)) continue;
    width += twoWide.test(character) || pictures.test(character) ? 2 : 1;
  }
  return width;
}
