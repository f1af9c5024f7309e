/** Two texts as a unified diff. The only file that knows the library. Pure. */
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';

export interface PatchSide {
  readonly label: string;
  readonly text: string;
}

/** Texts that differ in more lines are not worth a look; and finding it out takes long. */
const editsMax = 6000;

/**
 * @param context lines around each change
 * @returns undefined when they differ in too much
 */
export function unifiedPatch(a: PatchSide, b: PatchSide, context: number): string | undefined {
  return createTwoFilesPatch(a.label, b.label, a.text, b.text, undefined, undefined, {
    context,
    maxEditLength: editsMax,
    headerOptions: FILE_HEADERS_ONLY,
  });
}
