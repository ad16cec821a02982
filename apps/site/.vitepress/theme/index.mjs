import Theme from 'vitepress/theme-without-fonts';
import { copyCommands } from './copy.mjs';
import Home from './Home.vue';
import './style.css';
import './charts.css';

export default {
  extends: Theme,
  enhanceApp({ app }) {
    app.component('Home', Home);
    if (!import.meta.env.SSR) copyCommands(document);
  },
};
