/** A file of its own, because an old Node does not even parse `import()`. */
'use strict';

module.exports = (href) => import(href);
