import { createApp } from "vue";
import { createRouter, createWebHistory } from "vue-router";
import App from "./App.vue";
import PostList from "./PostList.vue";
import PostReader from "./PostReader.vue";
import "./style.css";

const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: "/", component: PostList },
    // A post that is opened costs a read, so each has one address, which can be linked to and found again with the back button.
    { path: "/posts/:id(\\d+)", component: PostReader, props: ({ params }) => ({ id: Number(params.id) }) },
    { path: "/:path(.*)", redirect: "/" },
  ],
});

createApp(App).use(router).mount("#app");
