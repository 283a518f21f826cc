// SPDX-License-Identifier: Apache-2.0
import { formatReference, type Reference } from '@lading/image-spec';
import { readRegistriesFile } from './registries-file.ts';
import { nameOnly } from './short-names.ts';
import { loadToml } from './toml.ts';
import { writeSecret } from './write-secret.ts';

/**
 * Writes down which image a short name is, in the file that {@link recordedAliases} names. The caller holds the lock
 * that podman takes meanwhile, on the file of the same name with `.lock` behind it.
 *
 * @throws InvalidArgument when the file cannot be understood: it stays as it is
 */
export async function recordAlias(
  path: string,
  text: string,
  { host, repository }: Reference,
): Promise<void> {
  const file = await loadToml(path);
  const aliases = new Map(file === undefined ? [] : readRegistriesFile(file, []).aliases);
  aliases.set(nameOnly(text), { host, repository });
  const lines = [...aliases].map(
    ([name, target]) => `  "${name}" = "${target === undefined ? '' : formatReference(target)}"\n`,
  );
  await writeSecret(path, `[aliases]\n${lines.join('')}`);
}
