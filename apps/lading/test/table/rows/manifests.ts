// SPDX-License-Identifier: Apache-2.0
import type { Row } from '../row.ts';

const add = 'manifest add --tls-verify=false {row} {source}';
const unknown = `sha256:${'0'.repeat(64)}`;
const pushed =
  '!curl -s -H "Accept: application/vnd.oci.image.index.v1+json" http://{registry}/v2/{row}/manifests/1';
const after = ['manifest rm {row}'];

/** Lists of images. */
export const manifestRows: readonly Row[] = [
  {
    name: 'a list is made, has no images, and is gone',
    lines: [
      'manifest create {row}',
      'manifest exists {row}',
      'manifest inspect {row}',
      'images --filter reference={row}',
      'image exists {row}',
      'manifest rm {row}',
      'manifest exists {row}',
    ],
    // podman's empty list is two bytes longer.
    ignore: /\d+ B/g,
  },
  {
    name: 'the name of a list is taken, but for --amend',
    before: ['manifest create {row}'],
    lines: [
      'manifest create {row}',
      'manifest create --amend {row}',
      'manifest create -a {row}new',
      'manifest create {source}',
      'manifest create --amend {source}',
      'manifest create UPPER/x',
    ],
    after: ['manifest rm {row} {row}new'],
  },
  {
    name: 'an image of a registry is added, once, and taken out',
    before: ['manifest create {row}'],
    lines: [
      add,
      'manifest inspect {row}',
      `${add} --arch arm64 --os linux --variant v8 --annotation a=b,c=d`,
      'manifest inspect {row}',
      'manifest remove {row} {digest}',
      'manifest inspect {row}',
    ],
    after,
  },
  {
    name: 'an image of the store is added',
    lines: [
      'manifest create {row} containers-storage:{image}',
      'manifest add {row} containers-storage:{image}',
      'manifest inspect {row}',
    ],
    after,
  },
  {
    name: 'what is said of an image changes',
    before: ['manifest create {row}', `${add} --annotation a=b`],
    lines: [
      'manifest annotate --annotation c=d --os-version 1.2 --arch arm --variant v7 {row} {digest}',
      'manifest inspect {row}',
      'manifest annotate --annotation frob {row} {digest}',
      `manifest annotate --arch arm {row} ${unknown}`,
      'manifest annotate --arch arm {row} {source}',
      `manifest annotate --arch arm nosuch ${unknown}`,
    ],
    after,
  },
  {
    name: 'features of the OS',
    before: ['manifest create {row}', add],
    lines: ['manifest annotate --os-features q,r {row} {digest}', 'manifest inspect {row}'],
    only: /(?<="os.features": )\[[^\]]*/,
    after,
    differs: {
      reason: 'podman 4.3 forgets them, where later ones do not',
      lines: { 1: { out: /"q",\s+"r"/ } },
    },
  },
  {
    name: 'a list is pushed with its images',
    before: ['manifest create {row}', `${add} --annotation a=b`],
    lines: [
      'manifest push -q --tls-verify=false --digestfile {dir}/digest {row} docker://{registry}/{row}:1',
      pushed,
      '!cat digest',
      'manifest push -q --tls-verify=false --all=false --rm {row} {registry}/{row}:1',
      pushed,
      'manifest exists {row}',
    ],
  },
  {
    name: 'a list is pushed in Docker’s format',
    before: ['manifest create {row}', add],
    lines: [
      'manifest push -q --tls-verify=false --format v2s2 {row} {registry}/{row}:1',
      pushed.replace('oci.image.index.v1', 'docker.distribution.manifest.list.v2'),
      'manifest push --format v2s1 {row} {registry}/{row}:1',
      'manifest push --compression-format frob {row} {registry}/{row}:1',
      'manifest push nosuch {registry}/{row}:1',
      'manifest push {source} {registry}/{row}:1',
    ],
    after,
  },
  {
    name: 'all images of a list are added to another, or the one for this machine',
    before: [
      'manifest create {row}',
      add,
      'manifest push -q --tls-verify=false {row} {registry}/{row}:1',
      'manifest create {row}all',
    ],
    lines: [
      'manifest add --tls-verify=false --all {row}all {registry}/{row}:1',
      'manifest inspect {row}all',
      'manifest add --tls-verify=false {row}all {registry}/{row}:1',
      'manifest inspect {row}all',
    ],
    after: ['manifest rm {row} {row}all'],
  },
  {
    name: 'the image that a list names for this machine is used in its place',
    before: ['manifest create {row} containers-storage:{image}', 'tag {row} {row}:2'],
    lines: [
      'image inspect --format {{.Id}} {row}',
      'inspect --format {{.RepoTags}} {row}:2',
      'run --rm --network none {row} echo hi',
      'history --format {{.CreatedBy}} {row}',
    ],
    after: ['manifest rm {row} {row}:2'],
  },
  {
    name: 'what is no list, or not there',
    before: ['manifest create {row}'],
    lines: [
      'manifest exists {image}',
      'manifest rm {image}',
      'manifest add {image} {source}',
      'manifest add {row} oci:/nonexistent',
      'manifest add nosuch {source}',
      `manifest remove {row} ${unknown}`,
      'manifest remove {row} frob',
      'manifest rm nosuch {row}',
      'manifest rm nosuch',
    ],
  },
];
