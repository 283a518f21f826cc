// SPDX-License-Identifier: Apache-2.0

const flag = '--wasm-tiering-budget';

/** @see `node --v8-options` */
const usualBudget = 13_000_000;

/** Two hundred answers long: V8 counts a step in a function by how large that is. */
const parserBudget = 200_000_000;

let isMade = false;

/**
 * Calls what has undici make its parser of HTTP, unless that was made before. V8 takes the parser, one large function of
 * WebAssembly, for busy after two answers, and optimises it for 180 ms of a core and 39 MB: more than all of the parsing
 * takes while some large layers are transferred. So it is made with a larger budget. The flag is for all of the process,
 * and code that V8 has compiled earlier is only taken with the flags of then: it is put back at once.
 */
export function makingParser(make: () => void): void {
  const { execArgv, env, getBuiltinModule } = process;
  if (isMade || [...execArgv, env.NODE_OPTIONS].some((option) => option?.includes(flag))) {
    make();
    return;
  }
  isMade = true;
  const { setFlagsFromString } = getBuiltinModule('node:v8');
  setFlagsFromString(`${flag}=${parserBudget}`);
  try {
    make();
  } finally {
    setFlagsFromString(`${flag}=${usualBudget}`);
  }
}
