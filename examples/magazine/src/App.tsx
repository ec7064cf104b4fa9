import { QueryClientProvider } from "@tanstack/react-query";
import { TollgateProvider } from "@tollgate/client/react";
import { BrowserRouter, Route, Routes } from "react-router";
import { queryClient, tollgate } from "./api";
import { Layout } from "./layout/Layout";
import { AccountPage } from "./pages/AccountPage";
import { DevicesPage } from "./pages/DevicesPage";
import { ForgotPasswordPage } from "./pages/ForgotPasswordPage";
import { LoginPage } from "./pages/LoginPage";
import { NotFoundPage } from "./pages/NotFoundPage";
import { PostPage } from "./pages/PostPage";
import { PostsPage } from "./pages/PostsPage";
import { RegisterPage } from "./pages/RegisterPage";
import { ResetPasswordPage } from "./pages/ResetPasswordPage";
import { SecureAccountPage } from "./pages/SecureAccountPage";
import { VerifyEmailPage } from "./pages/VerifyEmailPage";
import { CheckSession } from "./session/CheckSession";
import { RequireSession } from "./session/RequireSession";

export function App() {
  return (
    <QueryClientProvider client={queryClient}>
      <TollgateProvider tollgate={tollgate}>
        <BrowserRouter>
          <Routes>
            <Route element={<Layout />}>
              <Route path="/login" element={<LoginPage />} />
              <Route path="/register" element={<RegisterPage />} />
              <Route path="/forgot-password" element={<ForgotPasswordPage />} />
              <Route path="/reset-password" element={<ResetPasswordPage />} />
              <Route path="/verify-email" element={<VerifyEmailPage />} />
              <Route path="/secure-account" element={<SecureAccountPage />} />
              <Route element={<CheckSession />}>
                {/* What can be read without a session is up to the server. */}
                <Route path="/" element={<PostsPage />} />
                <Route path="/blog/:id" element={<PostPage />} />
                <Route element={<RequireSession />}>
                  <Route path="/devices" element={<DevicesPage />} />
                  <Route path="/account" element={<AccountPage />} />
                </Route>
              </Route>
              <Route path="*" element={<NotFoundPage />} />
            </Route>
          </Routes>
        </BrowserRouter>
      </TollgateProvider>
    </QueryClientProvider>
  );
}
