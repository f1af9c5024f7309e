/** How `vault` writes numbers and times: as every client does. */
export * from '../../protocol/text/format.ts';
