import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { acceptToken } from "./session";
import { AdminApp } from "./view/admin-app";
import "../styles/index.css";

const root = document.getElementById("root");
if (root === null) throw new Error("admin.html has no #root");

// Before the first render: rendering twice, as React does in development, must not find the address already emptied.
const token = acceptToken();

createRoot(root).render(
  <StrictMode>
    <AdminApp initialToken={token} base={new URL(import.meta.env.BASE_URL, location.href).href} />
  </StrictMode>,
);
