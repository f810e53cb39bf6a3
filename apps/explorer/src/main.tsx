import { render } from "preact";
import { App } from "./app.js";
import "./style/main.css";

render(<App />, document.body);
