//! What every service needs: telemetry, health, drain, authentication, serving, config loading.
