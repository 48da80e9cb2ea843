"""What is written for the CRM and how it is sent there."""
