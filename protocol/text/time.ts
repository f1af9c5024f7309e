/** Times as `vault` understands them: as every client does. */
export * from '../../protocol/text/time.ts';
