// Keeps the compiled code of a program beside it (bin/compiled.cjs). Runs on the Node, and with the flags, that the
// program will run on: code of another one is not taken.
'use strict';
const { renameSync, writeFileSync } = require('node:fs');
const { make, placeOf } = require('../bin/compiled.cjs');

const [file] = process.argv.slice(2);
const place = placeOf(file);
writeFileSync(`${place}.new`, make(file));
// In one step: somebody may be starting it at this moment.
renameSync(`${place}.new`, place);
