// SPDX-License-Identifier: Apache-2.0

/**
 * Whether `--format` asks for JSON: by its name, or by the template that says the same.
 *
 * @example
 * ```ts
 * import { isJsonFormat } from '@lading/go-template';
 *
 * console.log(isJsonFormat('json'), isJsonFormat('{{ json . }}'), isJsonFormat('{{.ID}}')); // → true true false
 * ```
 */
export function isJsonFormat(format: string): boolean {
  return /^json$|^\s*\{\{\s*json\s+\.\s*\}\}\s*$/.test(format);
}
