// SPDX-License-Identifier: Apache-2.0
import { usageError } from '@lading/command-line';
import type { ContainerOptions } from '@lading/engine';
import { quote } from '@lading/go-template';
import { parseSize } from './size.ts';

/** `--storage-opt size=10G` and `inodes=1000`: how much a container may write. */
export function readStorageOptions(texts: readonly string[]): Pick<ContainerOptions, 'storageQuota'> {
  let quota: NonNullable<ContainerOptions['storageQuota']> = {};
  for (const text of texts) {
    const [key = '', value = ''] = text.split(/=(.*)/s);
    if (key.toLowerCase() === 'size') quota = { ...quota, sizeBytes: parseSize(value) };
    else if (key.toLowerCase() === 'inodes' && /^\d{1,15}$/.test(value)) {
      quota = { ...quota, inodes: Number(value) };
    } else {
      throw usageError(`unknown storage option ${quote(text)}: use size=SIZE or inodes=NUMBER`);
    }
  }
  return texts.length === 0 ? {} : { storageQuota: quota };
}
