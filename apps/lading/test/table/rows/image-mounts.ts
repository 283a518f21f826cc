// SPDX-License-Identifier: Apache-2.0
import type { Row } from '../row.ts';

/** Of a mount in the store of a tool. */
const folder = /\/\S+\/overlay\/[^/]+\/merged/g;

/** Containers whose files are looked at. */
export const containerMountRows: readonly Row[] = [
  {
    name: 'a mount of a container outlives its run, as often as it was made',
    before: ["create --name {row} --network none {image} sh -c 'echo made'"],
    lines: [
      'mount {row}',
      'mount {row}',
      'start -a {row}',
      'container cleanup {row}',
      'mount --format json',
      'umount {row}',
      'mount --format json',
      'start -a {row}',
      'container cleanup {row}',
      'mount --format json',
      'umount {row}',
      'mount --format json',
      'umount {row}',
      'mount {row}',
      'umount -f {row}',
      'rm {row}',
    ],
    // Only the monitor calls it otherwise, and reads nothing.
    ignored: [3, 8],
    ignore: /\/\S+\/overlay\/[^/]+\/merged|[0-9a-f]{64}/g,
  },
];

/** Images whose files are looked at. */
export const imageMountRows: readonly Row[] = [
  {
    name: 'image mount, which counts, and image unmount',
    lines: [
      'image mount',
      'image mount {image}',
      'image mount',
      'image mount --format json',
      'image mount {image} {image}',
      'image unmount {image}',
      'image unmount --all',
      'image mount',
      'image umount --force {image}',
      'image mount',
      'image unmount {image}',
      'image unmount -a',
    ],
    ignore: folder,
  },
  {
    name: 'image mount of all and by id',
    before: ['create --name {row} {image} true', 'commit -q {row} {row}', 'rm {row}'],
    lines: [
      'image mount --all',
      'image unmount --all',
      'untag {row}',
      'image mount --format json --all',
      'image unmount --all --force',
      'image prune --force',
    ],
    unordered: [0, 1],
    ignored: [1, 3, 4, 5],
    ignore: folder,
  },
  {
    name: 'image mount of what is not there',
    lines: [
      'image mount {image} nosuch',
      'image mount',
      'image unmount nosuch {image}',
      'image unmount',
      'image mount --all {image}',
      'image unmount --all {image}',
      'image mount --format frob',
    ],
  },
  {
    name: 'a container keeps what it has mounted',
    before: ['tag {image} {row}'],
    lines: [
      'image mount {row}',
      'run -d -q --name {row} --network none --mount type=image,source={image},destination=/mnt {image} sleep 60',
      'image unmount --all --force',
      'exec {row} ls /mnt/bin/sh',
    ],
    ignored: [1],
    ignore: folder,
    after: ['rm -f -t 0 {row}', 'untag {image} {row}'],
  },
];
