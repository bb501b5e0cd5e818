#!/usr/bin/env node
// The `fivealarm` command of an installed package. Node does not strip types below node_modules by itself, so this asks it to.
import { readFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';

if (typeof registerHooks !== 'function' || typeof stripTypeScriptTypes !== 'function') {
  process.stderr.write(`fivealarm needs Node 22.18 or newer; this is ${process.version}.\n`);
  process.exit(1);
}
// That one warning would stand before every answer of the command line.
const { emitWarning } = process;
process.emitWarning = (warning, ...rest) => {
  if (!String(warning).startsWith('stripTypeScriptTypes')) emitWarning.call(process, warning, ...rest);
};
const home = new URL('..', import.meta.url).href;
registerHooks({
  load(url, context, next) {
    if (!url.startsWith(home) || !url.endsWith('.ts')) return next(url, context);
    return {
      format: 'module',
      shortCircuit: true,
      source: stripTypeScriptTypes(readFileSync(fileURLToPath(url), 'utf8')),
    };
  },
});
await import('./main.ts');
