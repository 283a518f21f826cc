// SPDX-License-Identifier: Apache-2.0

/** Two hundred answers long: V8 counts a step of the parser as ten thousands of bytes. */
const budget = 200_000_000;

/**
 * Says to V8, before the first connection, that HTTP answers will be few. It would take the parser of undici, one large
 * function of WebAssembly, for busy after two of them, and optimise it for 180 ms of a core and 39 MB, which is more
 * than all of the parsing in a transfer of a few large layers. For programs that end soon: it is for the whole process.
 *
 * @example
 * ```ts
 * import { keepParserPlain } from '@lading/command-line/node';
 *
 * keepParserPlain();
 * ```
 */
export function keepParserPlain(): void {
  process.getBuiltinModule('node:v8').setFlagsFromString(`--wasm-tiering-budget=${budget}`);
}
