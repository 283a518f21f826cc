// SPDX-License-Identifier: Apache-2.0
import type { Row } from '../row.ts';

const config =
  '{{.Config.Cmd}} {{.Config.Entrypoint}} {{.Config.User}} {{.Config.WorkingDir}} {{.Config.Labels}} {{.Config.ExposedPorts}}';
const changed = (name: string): readonly string[] => [
  `create --name ${name} --network none demo:1 sh`,
  `! m=$($TOOL mount ${name}) && mkdir $m/new && echo x > $m/new/file && rm $m/bin/wget`,
];

/** Images from containers and archives, and archives from containers. */
export const containerImageRows: readonly Row[] = [
  {
    name: 'commit makes an image with what the container changed',
    before: changed('kept1'),
    lines: [
      'commit -q kept1 made:1',
      'run --rm --network none made:1 cat /new/file',
      'run --rm --network none made:1 ls /bin/wget',
      "image inspect --format '{{.RepoTags}} {{len .RootFS.Layers}} {{.Config.Cmd}}' made:1",
      "history --format '{{.CreatedBy}} {{.Comment}}' made:1",
    ],
    after: ['rm -f kept1', 'rmi -f made:1'],
    ignore: / ago/g,
  },
  {
    name: 'commit applies changes',
    before: changed('kept2'),
    lines: [
      `commit -q -c 'CMD ["a","b"]' -c 'ENTRYPOINT ["e"]' -c 'USER guest' -c 'WORKDIR /tmp' -c 'LABEL a=b' -c 'EXPOSE 80' kept2 made:2`,
      `image inspect --format '${config}' made:2`,
    ],
    after: ['rm -f kept2', 'rmi -f made:2'],
  },
  {
    name: 'commit with author and message',
    before: changed('kept3'),
    lines: [
      'commit -q -a someone -m words -f docker kept3 made:3',
      "image inspect --format '{{.Author}} {{.Comment}} {{.ManifestType}}' made:3",
    ],
    after: ['rm -f kept3', 'rmi -f made:3'],
  },
  {
    name: 'commit without a name, with a file for the id',
    before: changed('kept4'),
    lines: [
      'commit -q --iidfile {dir}/id kept4',
      '! wc -c < id',
      'images -q -f dangling=true',
      'image prune -f',
    ],
    after: ['rm -f kept4'],
  },
  {
    name: 'commit --squash, and volumes that go along',
    before: [
      "run --network none --name kept6 -v /own -v {row}:/named -v {dir}:/bound --tmpfs /memory demo:1 sh -c 'touch /file; mv /bin/wget /bin/curl'",
    ],
    lines: [
      'commit -q --squash --include-volumes kept6 made:6',
      "image inspect --format '{{len .RootFS.Layers}} {{.Config.Volumes}}' made:6",
      "history --format '{{.CreatedBy}} {{.Comment}}' made:6",
      'run --rm --network none --image-volume ignore made:6 ls /file /bin/curl /bin/wget',
      'commit -q kept6 made:7',
      "image inspect --format '{{len .RootFS.Layers}} {{.Config.Volumes}}' made:7",
    ],
    after: ['rm -f -v kept6', 'volume rm {row}', 'rmi -f made:6 made:7'],
    ignored: [0, 4],
  },
  {
    name: 'rmi takes images without a name along, which nothing else needs, but for --no-prune',
    before: [
      'create --name kept8 demo:1 sh',
      'commit -q kept8 made:8',
      'create --name kept9 made:8 sh',
      'commit -q kept9 made:9',
      'commit -q kept9 made:10',
      'rm kept8 kept9',
      'untag made:8',
    ],
    lines: ['rmi made:9', 'images -q -f dangling=true', 'rmi --no-prune made:10', 'image prune -f'],
  },
  {
    name: 'rmi leaves no image without a name behind',
    before: [
      'create --name kept12 demo:1 sh',
      'commit -q kept12 made:12',
      'create --name kept13 made:12 sh',
      'commit -q kept13 made:13',
      'rm kept12 kept13',
      'untag made:12',
    ],
    lines: ['rmi made:13', 'images -q -f dangling=true'],
  },
  { name: 'commit of what is not there', lines: ['commit nosuch', 'commit'] },
  {
    name: 'commit in an unknown format',
    before: changed('kept5'),
    lines: ['commit -q -f frob kept5 x'],
    after: ['rm -f kept5'],
  },
  {
    name: 'commit with a change that is none',
    before: changed('kept6'),
    lines: ["commit -q -c 'FROB x' kept6 x"],
    after: ['rm -f kept6'],
  },
  {
    name: 'container commit',
    before: changed('kept7'),
    lines: ['container commit -q kept7 made:7', 'image exists made:7'],
    after: ['rm -f kept7', 'rmi -f made:7'],
  },
  {
    name: 'export to a file',
    before: changed('sent1'),
    lines: ['export -o {dir}/e.tar sent1', '! tar -tf e.tar | sort', '! tar -xOf e.tar new/file'],
    after: ['rm -f sent1'],
  },
  {
    name: 'export to stdout',
    before: changed('sent2'),
    lines: [
      '! $TOOL export sent2 | tar -tv | grep busybox | grep -c wget',
      '! $TOOL export sent2 | tar -t | wc -l',
    ],
    after: ['rm -f sent2'],
  },
  { name: 'export of what is not there', lines: ['export -o {dir}/x nosuch', 'export'] },
  {
    name: 'import of a file, with a name, a message and changes',
    ignore: /sha256:[\da-f]{64}/g,
    before: ['! mkdir x && echo hi > x/hi && tar -C x -cf x.tar hi'],
    lines: [
      `import -q -m words -c 'CMD ["sh"]' -c 'ENV A=1' {dir}/x.tar got:1`,
      "image inspect --format '{{.Config.Cmd}} {{.Config.Env}} {{.Architecture}} {{.Os}} {{.Comment}}' got:1",
      "history --format '{{.Comment}} {{.Size}}' got:1",
    ],
    after: ['rmi got:1'],
  },
  {
    name: 'import for another platform',
    ignore: /sha256:[\da-f]{64}/g,
    before: ['! mkdir x && tar -C x -cf x.tar .'],
    lines: [
      'import -q --arch arm64 --os linux {dir}/x.tar got:2',
      "image inspect --format '{{.Architecture}} {{.Os}}' got:2",
    ],
    after: ['rmi got:2'],
  },
  {
    name: 'import of a compressed archive from stdin',
    ignore: /sha256:[\da-f]{64}/g,
    before: ['! mkdir x && echo hi > x/hi && tar -C x -czf x.tgz hi'],
    lines: ['! $TOOL import -q - got:3 < x.tgz', "history --format '{{.Size}}' got:3"],
    after: ['rmi got:3'],
  },
  { name: 'import of what is not there', lines: ['import -q {dir}/nosuch x', 'import'] },
  {
    name: 'an exported container comes back',
    ignore: /sha256:[\da-f]{64}/g,
    before: changed('r1'),
    lines: [
      '! $TOOL export r1 | $TOOL import -q - round:1',
      'run --rm --network none round:1 /bin/cat /new/file',
    ],
    after: ['rm -f r1', 'rmi -f round:1'],
  },
];
