/**
 * The version of a home's layout on disk. A newer one is refused untouched: an older program that
 * writes into it could lose what it does not know.
 */
import { VaultError } from '../../protocol/errors.ts';

export const homeFormatVersion = 1;

/** Longer than any content that this or a later version writes. */
export const formatFileBytesMax = 256;

/** Content of the format file. */
export function formatText(): string {
  return `peervault home ${String(homeFormatVersion)}\n`;
}

/**
 * Checks the content of a format file.
 * @param home for messages
 * @throws VaultError `home-newer`, `home-invalid`
 */
export function checkFormat(text: string, home: string): void {
  const match = /^peervault home ([1-9]\d{0,8})\n/.exec(text);
  if (match === null) {
    throw new VaultError('home-invalid', {
      op: 'home.open',
      subject: home,
      detail: 'its format file is not one of ours',
      next: 'give the right directory with --home or VAULT_HOME',
    });
  }
  const version = Number(match[1]);
  if (version <= homeFormatVersion) return;
  throw new VaultError('home-newer', {
    op: 'home.open',
    subject: home,
    detail: `format ${String(version)}, this program knows up to ${String(homeFormatVersion)}`,
    next: 'install the version that wrote it, or a later one',
  });
}
