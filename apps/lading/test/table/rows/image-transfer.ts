// SPDX-License-Identifier: Apache-2.0
import type { Row } from '../row.ts';

const tagsInside = '!tar xOf a.tar manifest.json | grep -o \'"RepoTags":[^]]*\'';

/** push, save and load. */
export const imageTransferRows: readonly Row[] = [
  { name: 'save writes an archive of Docker’s', lines: ['save -q -o a.tar {image}', tagsInside] },
  {
    name: 'save gives further names',
    lines: ['save -q -o a.tar {image} {row}:3 x.io/{row}:4', tagsInside],
  },
  {
    name: 'save -m writes several images',
    lines: ['tag {image} {row}:2', 'save -q -m -o a.tar {image} {row}:2', tagsInside, 'rmi {row}:2'],
  },
  {
    name: 'save refuses a file that is there',
    lines: ['!echo x > a.tar', 'save -q -o a.tar {image}', '!cat a.tar'],
  },
  { name: 'save of nothing', lines: ['save -q -o a.tar nothing', '!ls', 'save -o a.tar'] },
  {
    name: 'save knows four formats',
    lines: [
      'save -q --format oci-archive -o a.tar {image}',
      '!tar xOf a.tar index.json | grep -o ref.name.*',
      'save -q --format oci-dir -o b {image}',
      '!ls b; grep -o ref.name.* b/index.json',
      'save -q --format docker-dir -o c {image}',
      '!ls c | wc -l; cat c/version',
      'save -q --format docker-dir --compress -o d {image}',
      '!cat d/manifest.json | grep -o rootfs.diff.tar.gzip',
      'save -q --format nonsense -o e {image}',
    ],
  },
  {
    name: 'save compresses what was loaded, too',
    lines: [
      'tag {image} {row}:1',
      'save -q -o a.tar {row}:1',
      'rmi {row}:1',
      'load -q -i a.tar',
      'save -q --format oci-dir -o b {row}:1',
      'save -q --format docker-dir --compress -o c {row}:1',
      'save -q --format docker-dir -o d {row}:1',
      '!for each in b/blobs/sha256 c d; do for file in $each/*; do head -c 2 $file | od -An -tx1; done | grep -c "1f 8b"; done',
    ],
    after: ['rmi {row}:1'],
  },
  {
    name: 'load of what is no archive of images',
    lines: [
      '!echo hi > text; : > empty; mkdir folder; $TOOL load -i text',
      'load -i empty',
      'load -i folder',
      '!$TOOL load < empty',
      'load -i nosuch',
    ],
  },
  {
    name: 'save refuses what does not fit',
    lines: [
      'save --compress -o a.tar {image}',
      'save --compress --format oci-dir -o a {image}',
      'save -m --format oci-archive -o a.tar {image} {image}',
      '!ls',
    ],
  },
  {
    name: 'save and load give the image back, with its names',
    lines: [
      'tag {image} {row}:1 {row}:2',
      'save -q -m -o a.tar {row}:1 {row}:2',
      'rmi {row}:1 {row}:2',
      'load -q -i a.tar',
      'image exists {row}:2',
      'rmi {row}:1 {row}:2',
      'load -i a.tar',
      'rmi {row}:1 {row}:2',
    ],
  },
  {
    name: 'load reads an archive of the OCI’s',
    lines: [
      'tag {image} {row}:1',
      'save -q --format oci-archive -o a.tar {row}:1',
      'rmi {row}:1',
      'load -q -i a.tar',
      'image exists {row}:1',
      'rmi {row}:1',
    ],
  },
  {
    name: 'load reads folders',
    lines: [
      'save -q --format oci-dir -o {row} {image}',
      'save -q --format docker-dir -o d {image}',
      'load -q -i {row}',
      'image exists localhost/{row}:latest',
      'load -q -i d',
      'rmi {row}',
    ],
    differs: {
      reason: 'podman names what is in a folder after the folder; lading takes the name that is in it',
      lines: {
        2: { out: 'Loaded image: localhost/demo:1\n' },
        3: { code: 1 },
        5: { code: 1, out: '', err: 'error' },
      },
    },
  },
  {
    name: 'load reads compressed archives',
    lines: ['save -q -o a.tar {image}', '!gzip a.tar', 'load -q -i a.tar.gz'],
    differs: {
      reason: 'podman 4.3 takes them for no archives; later ones load them',
      lines: { 2: { code: 0, out: 'Loaded image: localhost/demo:1\n', err: 'nothing' } },
    },
  },
  {
    name: 'load of what is no archive',
    lines: ['!echo nonsense > a.tar', 'load -i a.tar', 'load -i none', 'load x'],
  },
  {
    name: 'push to a registry, and pull from there',
    lines: [
      'push -q --tls-verify=false {image} {registry}/{row}/a:1',
      'pull -q --tls-verify=false {registry}/{row}/a:1',
      'rmi {registry}/{row}/a:1',
    ],
  },
  {
    name: 'push writes the digest to a file',
    lines: [
      'push -q --tls-verify=false --digestfile digest {image} docker://{registry}/{row}/a:2',
      '!wc -c < digest',
      'push -q --tls-verify=false --digestfile no/digest {image} {registry}/{row}/a:3',
    ],
  },
  {
    name: 'push chooses the format of the manifest',
    lines: [
      'push -q --tls-verify=false --format v2s2 {image} docker://{registry}/{row}/a:4',
      '!curl -s -H "Accept: */*" http://{registry}/v2/{row}/a/manifests/4 | grep -o "mediaType[^,]*manifest[^,]*"',
      'push -q --tls-verify=false --format nonsense {image} docker://{registry}/{row}/a:5',
    ],
  },
  {
    name: 'push refuses a compression that there is not',
    lines: ['push -q --tls-verify=false --compression-format nonsense {image} docker://{registry}/{row}/a:7'],
  },
  {
    name: 'push to other places',
    lines: [
      'push -q {image} dir:{dir}/d',
      '!ls d | wc -l',
      'push -q {image} oci:{dir}/o:x',
      '!ls o; grep -o ref.name.* o/index.json',
      'push -q {image} docker-archive:{dir}/a.tar:some/name:1',
      tagsInside,
    ],
    differs: {
      reason: 'podman puts the name in the store beside the one that was asked for',
      lines: { 5: { out: '"RepoTags":["docker.io/some/name:1"\n' } },
    },
  },
  { name: 'push of nothing', lines: ['push -q nothing', 'push', 'push a b c'] },
  {
    name: 'push with an unknown format',
    lines: [
      'push -q --format frob demo:1 dir:{dir}/x',
      'push -q --compression-format frob demo:1 dir:{dir}/x',
    ],
  },
  { name: 'save to stdout and load from stdin', lines: ['! $TOOL save -q demo:1 | $TOOL load -q'] },
  {
    name: 'save of an id has no name',
    lines: ['! $TOOL save -q $($TOOL images -q) > a.tar && tar -xOf a.tar manifest.json'],
  },
  {
    name: 'save and load an OCI archive',
    lines: [
      'save -q --format oci-archive -o {dir}/a.tar demo:1',
      '! tar -xOf a.tar index.json | grep -o localhost.demo:1',
      'load -q -i {dir}/a.tar',
    ],
  },
  {
    name: 'load a layout from a folder by its name',
    before: ['save -q --format oci-dir -o {dir}/layout demo:1'],
    lines: ['load -q -i {dir}/layout'],
    differs: {
      reason: 'podman 4 loads a layout with a name only as an archive',
      lines: { 0: { code: 0, out: 'Loaded image: localhost/demo:1\n', err: 'nothing' } },
    },
  },
  {
    name: 'load gives names without a host the same host',
    before: [
      'save -q -o {dir}/a.tar demo:1',
      '! mkdir x && tar -xf a.tar -C x && sed -i s,localhost/demo,short, x/manifest.json && tar -cf b.tar -C x $(ls x)',
    ],
    lines: ['load -q -i {dir}/b.tar', 'untag demo:1 short'],
    after: ['untag demo:1 localhost/short', 'untag demo:1 docker.io/library/short'],
  },
  {
    name: 'load of zeros',
    lines: ['! head -c 2000 /dev/zero > a.tar', 'load -q -i {dir}/a.tar'],
  },
  {
    name: 'image push, save and load',
    lines: [
      'image push -q demo:1 dir:{dir}/f',
      'image save -q -o {dir}/a.tar demo:1',
      'image load -q -i {dir}/a.tar',
    ],
  },
  {
    name: 'pull names an image by what it comes from',
    before: [
      'save -q --format oci-dir -o {dir}/layout demo:1',
      'save -q --format oci-archive -o {dir}/oci.tar demo:1',
      'save -q -o {dir}/docker.tar demo:1',
      'save -q --format docker-dir -o {dir}/folder demo:1',
      `! mkdir x && tar -xf docker.tar -C x && sed -i 's|localhost/demo:1|short:2","quay.io/a/b:3|' x/manifest.json`,
      '! tar -cf named.tar -C x $(ls x)',
    ],
    lines: [
      ...[
        ['oci:{dir}/layout', 'localhost{dir}/layout'],
        ['oci-archive:{dir}/oci.tar', 'localhost/demo:1'],
        ['docker-archive:{dir}/named.tar', 'localhost/short:2', 'quay.io/a/b:3'],
        ['docker-archive:{dir}/named.tar:quay.io/a/b:3', 'quay.io/a/b:3'],
        ['dir:{dir}/folder'],
      ].flatMap(([place = '', ...names]) => [
        `pull -q ${place}`,
        'images --sort repository --format {{.Repository}}:{{.Tag}}',
        ...names.filter((name) => name !== 'localhost/demo:1').map((name) => `untag demo:1 ${name}`),
      ]),
      'pull -q docker-archive:{dir}/none',
      'pull -q oci:{dir}/layout:none',
      'pull -q oci:./layout',
      'pull -q docker-archive:{dir}/docker.tar:none',
      'pull -q docker-daemon:none:1',
      'pull -q --all-tags dir:{dir}/folder',
      'pull -q dir:{dir}/folder dir:none dir:{dir}/folder',
      'run --rm --network none --pull never oci-archive:{dir}/oci.tar echo run',
      'create -q --name {row} --network none docker-archive:{dir}/named.tar:quay.io/a/b:3',
      'inspect --format {{.ImageName}} {row}',
    ],
    after: ['rm {row}', 'untag demo:1 quay.io/a/b:3'],
  },
];
