// SPDX-License-Identifier: Apache-2.0

/** Those of `@lading/image-copy`, which takes longer to load than many a command runs. */
export const transportNames: readonly string[] = [
  'containers-storage',
  'dir',
  'docker',
  'docker-archive',
  'docker-daemon',
  'oci',
  'oci-archive',
  'tarball',
];

/** The transport that an image is named by, such as `oci` of `oci:FOLDER`; a registry is one only if it says `docker://`. */
export function transportIn(name: string): string | undefined {
  const transport = name.slice(0, Math.max(0, name.indexOf(':')));
  if (transport === 'docker' && !name.startsWith('docker://')) return undefined;
  return transportNames.includes(transport) ? transport : undefined;
}
