// Which file of the repository is which page of the site, in the order of the sidebar. The files stay
// where they are: nothing is written twice.

import { readFileSync, readdirSync } from 'node:fs';

/** A chapter: the file, the page's address without its ending, its title in the sidebar, and whether the
 * search finds it. */
const chapter = (file, page, title, searched = true) => ({ file, page, title, searched });

export const SECTIONS = [
  {
    title: 'Start',
    chapters: [
      chapter('README.md', 'overview', 'Overview'),
      chapter('docs/install.md', 'install', 'Install'),
      chapter('docs/tutorials/picture.md', 'tutorials/picture', '1. A picture'),
      chapter('docs/tutorials/gallery.md', 'tutorials/gallery', '2. Your own gallery'),
      chapter('docs/tutorials/live.md', 'tutorials/live', '3. Live'),
      chapter('docs/tutorials/graph.md', 'tutorials/graph', '4. A graph'),
      chapter('docs/tutorials/library.md', 'tutorials/library', '5. The library'),
    ],
  },
  {
    title: 'Use',
    chapters: [
      chapter('docs/cookbook.md', 'cookbook', 'Cookbook'),
      chapter('docs/guide.md', 'guide', 'The whole guide'),
      chapter('docs/pick.md', 'pick', 'Picking a picture while you chat'),
      chapter('docs/matching.md', 'matching', 'Which pictures are shown'),
      chapter('docs/json.md', 'json', 'JSON output'),
      chapter('docs/web.md', 'web', 'In the browser'),
      chapter('docs/server.md', 'server', 'A server'),
      chapter('docs/stores.md', 'stores', 'By the million'),
      chapter('docs/features.md', 'features', 'Features of the build'),
    ],
  },
  {
    title: 'Build on it',
    chapters: [
      chapter('docs/api.md', 'api', 'All interfaces'),
      chapter('crates/moue/README.md', 'rust', 'Rust'),
      chapter('docs/python.md', 'python', 'Python'),
      chapter('apps/npm/README.md', 'npm', 'JavaScript'),
      chapter('docs/phone.md', 'phone', 'Swift and Kotlin'),
      chapter('crates/moue-graph/README.md', 'graphs', 'Graphs'),
    ],
  },
  {
    title: 'How good it is',
    chapters: [
      chapter('docs/compare.md', 'compare', 'How it compares'),
      chapter('apps/site/pages/charts.md', 'charts', 'Benchmarks as charts'),
      chapter('bench/README.md', 'benchmarks', 'Benchmarks in full'),
      chapter('bench/stores.md', 'benchmarks-stores', 'Benchmarks of stores'),
      chapter('crates/moue/models/MODEL_CARD.md', 'model-card', 'Model card'),
    ],
  },
  {
    title: 'Work on it',
    chapters: [
      chapter('docs/architecture.md', 'architecture', 'Architecture'),
      chapter('docs/development.md', 'development', 'Development'),
      chapter('docs/adding-a-calculator.md', 'adding-a-calculator', 'Add a calculator'),
      chapter('docs/adding-an-operator.md', 'adding-an-operator', 'Add an operator'),
      chapter('docs/adding-an-isa.md', 'adding-an-isa', 'Add an instruction set'),
      chapter('training/README.md', 'training', 'Training'),
      chapter('CONTRIBUTING.md', 'contributing', 'Contributing'),
      chapter('SECURITY.md', 'security', 'Security'),
      chapter('CHANGELOG.md', 'changelog', 'Changes', false),
    ],
  },
];

/** A new chapter of `docs` has a page before anybody says where it belongs, under its own heading. */
function unlisted() {
  const docs = new URL('../../docs/', import.meta.url);
  const listed = new Set(SECTIONS.flatMap((section) => section.chapters.map(({ file }) => file)));
  const names = readdirSync(docs).filter((name) => name.endsWith('.md') && !listed.has(`docs/${name}`));
  return names.map((name) => {
    const heading = readFileSync(new URL(name, docs), 'utf8').match(/^# (.*)$/m)[1];
    return chapter(`docs/${name}`, name.replace('.md', ''), heading.replace(/`/g, ''));
  });
}

SECTIONS.find(({ title }) => title === 'Use').chapters.push(...unlisted());

export const CHAPTERS = SECTIONS.flatMap((section) => section.chapters);
