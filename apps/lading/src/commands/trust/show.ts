// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type CommandCall, singleLine } from '@lading/command-line';
import { loadSignatureStorages, parsePolicy } from '@lading/config';
import { Code, LadingError } from '@lading/errors';
import { renderReport, toJson } from '@lading/go-template';
import { readKeyOwners } from '@lading/image-copy';
import { textOf } from '../../options/shared-flags.ts';
import { readPolicyFile } from '../../trust/policy-file.ts';
import { type OwnersOf, type TrustRow, trustRows } from '../../trust/trust-rows.ts';

const usual = 'table {{.Transport}}\t{{.Name}}\t{{.Type}}\t{{.ID}}\t{{.SignatureStore}}';

export async function run(call: CommandCall): Promise<number> {
  const { flags, environment } = call;
  const { cwd, env, stdout, stderr } = environment;
  const { path, text } = await readPolicyFile(call);
  if (text === undefined) throw new LadingError(Code.NotFound, `open ${path}: no such file or directory`);
  if (flags.boolean('raw')) {
    await stdout(`${text}\n`);
    return 0;
  }
  const directory = textOf(call, 'registrypath');
  const storages = await loadSignatureStorages({
    env,
    ...(directory === undefined ? {} : { directory: resolve(cwd, directory) }),
  });
  const ownersOf: OwnersOf = async ({ paths, data }) => {
    try {
      return await readKeyOwners([...data, ...(await Promise.all(paths.map((file) => readFile(file))))]);
    } catch (error) {
      // What the policy says is shown also where a key is missing.
      await stderr(`Warning: ${singleLine(`${paths.join(', ')}: ${LadingError.from(error).message}`)}\n`);
      return [];
    }
  };
  const rows = await trustRows(parsePolicy(text, path), storages, ownersOf);
  if (flags.boolean('json')) await stdout(`${toJson(rows.map(jsonOf), 2)}\n`);
  else {
    const headers = { SignatureStore: 'STORE' };
    const noHeading = flags.boolean('noheading');
    await stdout(renderReport(usual, rows, { name: 'trust show', headers, noHeading }));
  }
  return 0;
}

function jsonOf({ Transport, Name, Type, ID, SignatureStore }: TrustRow) {
  const isDefault = Transport === 'all';
  return {
    transport: Transport,
    ...(Name === '' ? {} : { name: isDefault ? '* (default)' : Name, repo_name: Name }),
    ...(SignatureStore === '' ? {} : { sigstore: SignatureStore }),
    type: Type,
    ...(ID === '' ? {} : { gpg_id: ID }),
  };
}
