/**
 * Rules at the nodes of the tree: an attribute of the vault's own, so that all devices agree on it like
 * on every other one. What a path keeps is decided by the nearest rule at or above it, for versions and
 * for the trash by itself.
 */
import { isVaultError } from '../../../protocol/errors.ts';
import type { NodeId } from '../../../protocol/ids.ts';
import {
  formatRetention,
  parseRetention,
  type KeepRule,
  type RetentionRule,
} from '../../../protocol/text/retention-rule.ts';
import { names } from '../../../protocol/limits.ts';
import type { NodeView, Tree } from '../../namespace/tree.types.ts';
import type { VaultPath } from '../path.ts';
import type { Slices } from '../slices.ts';

/** Beside the extended attributes of people, which begin with `user.`. */
export const ruleName = 'vault.retention';

/** The rule of a node; one that a newer version wrote and nobody here understands keeps everything. */
export function ruleOf({
  xattrs,
}: Pick<NodeView, 'xattrs'>): RetentionRule | 'unknown' | undefined {
  const value = xattrs.get(ruleName);
  if (value === undefined) return undefined;
  try {
    return parseRetention(value.toString('utf8'));
  } catch (error) {
    if (!isVaultError(error)) throw error;
    return 'unknown';
  }
}

export function ruleText(rule: RetentionRule): Buffer {
  return Buffer.from(formatRetention(rule), 'utf8');
}

/** A half of a rule, and the node that has it. */
export interface Decided<Value> {
  readonly value: Value;
  readonly node: NodeId;
}

export interface EffectiveRule {
  readonly keep: Decided<KeepRule> | undefined;
  readonly trashDays: Decided<number> | undefined;
}

export const keepsAll: EffectiveRule = { keep: undefined, trashDays: undefined };

/** Effective rules of many nodes: each directory is looked at once. */
export class EffectiveRules {
  readonly #tree: Tree;
  readonly #known = new Map<NodeId, EffectiveRule>();

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  /** Of what is in a directory, or was when it went. */
  in(directory: NodeId): EffectiveRule {
    const chain: NodeId[] = [];
    const seen = new Set<NodeId>();
    let at: NodeId | undefined = directory;
    while (at !== undefined && !this.#known.has(at) && chain.length < names.depthMax) {
      // Directories that are gone may once have stood in each other.
      if (seen.has(at)) break;
      seen.add(at);
      chain.push(at);
      at = at === this.#tree.root().id ? undefined : this.#above(at);
    }
    let rule = at === undefined ? keepsAll : (this.#known.get(at) ?? keepsAll);
    for (const node of chain.reverse()) {
      rule = withOwn(rule, node, this.#tree.node(node));
      this.#known.set(node, rule);
    }
    return rule;
  }

  /** Of a node that stands in `directory`. */
  of(node: NodeId, directory: NodeId): EffectiveRule {
    return withOwn(this.in(directory), node, this.#tree.node(node));
  }

  #above(node: NodeId): NodeId | undefined {
    const places = this.#tree.placesOf(node);
    return (places.find(({ isListed }) => isListed) ?? places[0])?.parent;
  }
}

/** What has a rule of its own at and below a directory or file. */
export async function* ruledBelow(
  tree: Tree,
  top: { readonly node: NodeView; readonly path: VaultPath },
  slices: Slices,
): AsyncGenerator<{ readonly node: NodeView; readonly path: VaultPath }> {
  await slices.step();
  if (top.node.xattrs.has(ruleName)) yield top;
  if (top.node.kind !== 'directory') return;
  for (const row of tree.list(top.node.id) ?? []) {
    const below = { node: row.node, path: [...top.path, row.name] };
    if (row.node.kind === 'directory') yield* ruledBelow(tree, below, slices);
    else if (row.node.xattrs.has(ruleName)) yield below;
  }
}

function withOwn(above: EffectiveRule, node: NodeId, view: NodeView | undefined): EffectiveRule {
  const own = view === undefined ? undefined : ruleOf(view);
  if (own === undefined) return above;
  if (own === 'unknown') return keepsAll;
  return {
    keep: own.keep === undefined ? above.keep : { value: own.keep, node },
    trashDays: own.trashDays === undefined ? above.trashDays : { value: own.trashDays, node },
  };
}
