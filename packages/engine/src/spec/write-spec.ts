// SPDX-License-Identifier: Apache-2.0
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { writeSmallFile } from '@lading/linux';
import { encodeJson, type Spec } from '@lading/oci-spec';

/** Writes the config.json of a bundle: who reads it sees a whole one, also when this process is killed meanwhile. */
export function writeSpec(bundle: string, spec: Spec): void {
  const path = join(bundle, 'config.json');
  writeSmallFile(`${path}.new`, encodeJson(spec), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
