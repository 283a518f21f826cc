// SPDX-License-Identifier: Apache-2.0

import { randomBytes } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { parseNetworkConfig } from '@lading/cni';
import { Code, LadingError } from '@lading/errors';
import { renderTemplate } from '@lading/go-template';
import { makeFolders } from '@lading/linux';

export interface PodCidrOptions {
  /** File of a Go template of a CNI configuration, which gets `.PodCIDR`, `.PodCIDRRanges` and `.Routes`. */
  readonly templateFile: string;
  /** Where CNI configurations are. */
  readonly configDir: string;
}

const configName = '10-lading-net.conflist';

/**
 * Writes the CNI configuration of the pods' addresses, which a kubelet is told by its cluster. A wrong template or
 * address leaves what is there.
 *
 * @param podCidr one range or, of both families, two with a comma between
 * @throws LadingError `invalid_argument` naming what is wrong
 */
export async function writePodNetwork(podCidr: string, options: PodCidrOptions): Promise<void> {
  const ranges = podCidr.split(',').map((text) => text.trim());
  for (const range of ranges) checkRange(range);
  const { templateFile, configDir } = options;
  const template = await readTemplate(templateFile);
  const text = renderTemplate(template, {
    PodCIDR: ranges[0],
    PodCIDRRanges: ranges,
    Routes: ranges.map((range) => (range.includes(':') ? '::/0' : '0.0.0.0/0')),
  });
  checkConfig(text, templateFile);
  makeFolders(configDir, 0o777);
  // Read by whoever looks into the folder: only whole files have a name that counts.
  const written = join(configDir, `.${randomBytes(8).toString('hex')}.tmp`);
  try {
    await writeFile(written, text, { mode: 0o644, flag: 'wx' });
    await rename(written, join(configDir, configName));
  } catch (error) {
    await rm(written, { force: true });
    throw LadingError.from(error, Code.Internal);
  }
}

function checkConfig(text: string, templateFile: string): void {
  try {
    parseNetworkConfig(text, configName);
  } catch (error) {
    const { code, message } = LadingError.from(error);
    throw new LadingError(code, `the template ${templateFile} makes no CNI configuration: ${message}`, {
      cause: error,
    });
  }
}

function checkRange(range: string): void {
  const [address = '', bits = '', ...rest] = range.split('/');
  const family = isIP(address);
  const isSound = family !== 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128);
  if (isSound && rest.length === 0) return;
  throw new LadingError(
    Code.InvalidArgument,
    `pod_cidr ${JSON.stringify(range.slice(0, 80))} is no range of addresses such as 10.244.1.0/24`,
  );
}

async function readTemplate(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code, message } = LadingError.from(error, Code.Internal);
    throw new LadingError(code, `cannot read the template of the CNI configuration ${file}: ${message}`, {
      cause: error,
    });
  }
}
