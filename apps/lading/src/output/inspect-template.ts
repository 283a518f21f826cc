// SPDX-License-Identifier: Apache-2.0
import { isJsonFormat, parseTemplate, renderReport } from '@lading/go-template';

/**
 * What `--format` of an `inspect` makes of all that was found; undefined for JSON. A mistake in the template is told
 * here, before anything is looked up.
 */
export function inspectTemplate(
  format: string,
  name: string,
): ((found: readonly unknown[]) => string) | undefined {
  if (isJsonFormat(format)) return undefined;
  parseTemplate(format, { name });
  const options = { name, headers: {}, noHeading: true };
  return (found) => (found.length === 0 ? '' : renderReport(format, found, options));
}
