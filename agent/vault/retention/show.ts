/** Which rules a path has and follows, and giving it one. */
import { VaultError } from '../../../protocol/errors.ts';
import type {
  RetentionReport,
  RetentionSource,
} from '../../../protocol/control/retention-reports.ts';
import type { NodeId } from '../../../protocol/ids.ts';
import {
  formatRetention,
  parseRetention,
  type RetentionRule,
} from '../../../protocol/text/retention-rule.ts';
import { setAttributesOp } from '../../namespace/author.ts';
import type { NodeView, Tree } from '../../namespace/tree.types.ts';
import { find } from '../browse.ts';
import { formatPath, joinPath, type VaultPath } from '../path.ts';
import type { VaultParts } from '../vault.ts';
import { Slices } from '../slices.ts';
import { EffectiveRules, ruledBelow, ruleName, ruleOf, ruleText, type Decided } from './rules.ts';

const belowMax = 1_000;

/** @throws VaultError `not-found`, `not-directory` */
export async function retentionOf(
  tree: Tree,
  path: VaultPath,
  slices: Slices,
): Promise<RetentionReport> {
  const { node, view } = find(tree, path);
  const rules = new EffectiveRules(tree);
  const below: RetentionSource[] = [];
  for await (const each of ruledBelow(tree, { node, path }, slices)) {
    if (each.node.id === node.id) continue;
    below.push({ rule: ownText(each.node) ?? '', path: formatPath(each.path) });
    if (below.length === belowMax) break;
  }
  const rule = view === undefined ? rules.in(node.id) : rules.of(node.id, view.parent);
  return {
    path: formatPath(path),
    own: ownText(node),
    keep: sourceOf(tree, rule.keep, (keep) => ({ keep, trashDays: undefined })),
    trash: sourceOf(tree, rule.trashDays, (trashDays) => ({ keep: undefined, trashDays })),
    below,
  };
}

/**
 * Gives a file or directory a rule of its own, or takes it away.
 * @param text empty: no rule
 * @throws VaultError `not-found`, `usage`, `not-supported` for a symlink, `read-only`, `no-key`
 */
export async function setRetention(
  parts: VaultParts,
  path: VaultPath,
  text: string,
): Promise<RetentionReport> {
  const value = text === '' ? undefined : ruleText(parseRetention(text));
  await parts.publisher.publish({
    keys: [joinPath(path).toString('latin1')],
    build(tree) {
      const { node } = find(tree, path);
      if (node.kind === 'symlink') throw noSymlink(path);
      if (value === undefined && !node.xattrs.has(ruleName)) return { ops: [] };
      const xattrs = new Map([[ruleName, value]]);
      return { ops: [setAttributesOp(tree, node.id, { xattrs })] };
    },
  });
  return retentionOf(parts.tree, path, new Slices(parts.clock));
}

function ownText(node: NodeView): string | null {
  const own = ruleOf(node);
  if (own === undefined) return null;
  return own === 'unknown' ? 'made by a newer version: everything is kept' : formatRetention(own);
}

function sourceOf<Value>(
  tree: Tree,
  decided: Decided<Value> | undefined,
  toRule: (value: Value) => RetentionRule,
): RetentionSource | null {
  if (decided === undefined) return null;
  const rule = formatRetention(toRule(decided.value));
  return { rule, path: formatPath(pathOfRule(tree, decided.node)) };
}

function pathOfRule(tree: Tree, node: NodeId): VaultPath {
  return node === tree.root().id ? [] : (tree.pathOf(node) ?? []);
}

function noSymlink(path: VaultPath): VaultError {
  return new VaultError('not-supported', {
    op: 'vault.setRetention',
    subject: formatPath(path),
    detail: 'a symlink has one version only',
    next: 'give the rule to the directory, or to the file that it leads to',
  });
}
